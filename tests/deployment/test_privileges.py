"""What each function may do is enough for what it does: the emulator grants what its role allows, and nothing else."""

import json
import uuid

import pytest

from local.api_client import Api
from local.processes import wait_until
from tests.deployment.conftest import PASSWORD, PROJECT, standing
from tests.test_main_job import CONSENTS, wait_until_done

SAMPLE = PROJECT / "local" / "samples" / "kakaotalk.csv"


@pytest.fixture(scope="module")
def strict(tmp_path_factory):
    with standing(tmp_path_factory.mktemp("strict"), strict=True) as cloud:
        done = cloud.deploy("dev", *cloud.here)
        assert done.returncode == 0, done.stderr
        yield cloud


@pytest.fixture(scope="module", autouse=True)
def tls_policy(strict):
    """The bucket's policy, taken away meanwhile: it refuses whoever comes without TLS, as everyone does here."""
    s3, bucket = strict.client("s3"), strict.outputs("dev")["UploadBucketName"]
    policy = s3.get_bucket_policy(Bucket=bucket)["Policy"]
    s3.delete_bucket_policy(Bucket=bucket)
    return policy


@pytest.fixture
def api(strict):
    outputs = strict.outputs("dev")
    tokens = strict.tokens(outputs["UserPoolId"], outputs["WebClientId"], f"{uuid.uuid4().hex}@example.com")
    api = Api(strict.api_url("dev"), tokens["IdToken"])
    api.call("PUT", "/user-profile", CONSENTS)
    return api


def upload(strict, api):
    """Begin an upload and put the object there; a form's post bears no signature that the strict emulator reads."""
    begun = api.call("POST", "/process-file", {"filename": "chat.csv", "size": 100_000, "my_name": "하늘"})
    place = {"Bucket": strict.outputs("dev")["UploadBucketName"], "Key": begun["upload"]["fields"]["key"]}
    strict.client("s3").put_object(**place, Body=SAMPLE.read_bytes())
    return begun["file"]["file_id"], place


def objects(strict):
    return strict.client("s3").list_objects_v2(Bucket=strict.outputs("dev")["UploadBucketName"])["KeyCount"]


def test_an_upload_is_read_and_erased(strict, api):
    file_id, _ = upload(strict, api)
    assert wait_until_done(api, file_id)["status"] == "ready"
    assert wait_until(lambda: objects(strict) == 0, seconds=10)


def test_an_account_is_erased_with_its_uploads_and_its_user(strict, api):
    user_id = api.call("GET", "/user-profile")["user_id"]
    place = {"Bucket": strict.outputs("dev")["UploadBucketName"], "Key": f"other/{user_id}"}
    strict.client("s3").put_object(**place, Body=b"not an upload")
    strict.client("s3").put_object(**place | {"Key": f"uploads/{user_id}/abandoned"}, Body=b"")
    erased = api.call("DELETE", "/user-profile", {})["erased"]
    assert erased["cognito_user"] == 1
    assert objects(strict) == 1
    strict.client("s3").delete_object(**place)


def test_the_hourly_job_erases_objects_too(strict, api):
    begun = api.call("POST", "/process-file", {"filename": "late.csv", "size": 100})
    user_id, file_id = api.call("GET", "/user-profile")["user_id"], begun["file"]["file_id"]
    strict.ask("UPDATE love_q.files SET expires_at = now() - interval '1 day' WHERE file_id = :id", id=file_id)
    function = strict.outputs("dev")["EraseExpiredName"]
    event = {"id": "x", "detail-type": "x", "source": "aws.events", "account": "0", "time": "x", "region": "x"}
    event |= {"resources": [], "detail": {}, "version": "0"}
    answer = strict.client("lambda").invoke(FunctionName=function, Payload=json.dumps(event).encode())
    assert json.loads(answer["Payload"].read())["files"] == 1
    assert strict.ask("SELECT 1 FROM love_q.files WHERE user_id = :user", user=user_id) == []


@pytest.fixture
def without_reading(strict):
    """The import's role, for a while without the right to read uploads."""
    iam = strict.client("iam")
    (role,) = [found["RoleName"] for found in iam.list_roles()["Roles"] if "FileUploadRole" in found["RoleName"]]
    policy = iam.get_role_policy(RoleName=role, PolicyName="love-q")["PolicyDocument"]
    less = json.loads(json.dumps(policy).replace('"s3:GetObject"', '"s3:GetObjectTagging"'))
    iam.put_role_policy(RoleName=role, PolicyName="love-q", PolicyDocument=json.dumps(less))
    yield
    iam.put_role_policy(RoleName=role, PolicyName="love-q", PolicyDocument=json.dumps(policy))


def imported(strict, place):
    """What comes of handing an upload to the import once more."""
    event = {"Records": [{"s3": {"bucket": {"name": place["Bucket"]}, "object": {"key": place["Key"]}}}]}
    function = strict.outputs("dev")["FileUploadName"]
    return strict.client("lambda").invoke(FunctionName=function, Payload=json.dumps(event).encode())


def test_without_a_right_that_it_needs_a_function_fails(strict, api, without_reading):
    """Or the tests above would show nothing."""
    file_id, place = upload(strict, api)
    assert imported(strict, place).get("FunctionError") == "Unhandled"
    assert api.call("GET", f"/process-file?file_id={file_id}")["status"] != "ready"


def test_the_bucket_refuses_whoever_comes_without_tls(strict, api, tls_policy):
    s3, bucket = strict.client("s3"), strict.outputs("dev")["UploadBucketName"]
    s3.put_bucket_policy(Bucket=bucket, Policy=tls_policy)
    try:
        file_id, place = upload(strict, api)
        assert imported(strict, place).get("FunctionError") == "Unhandled"
    finally:
        s3.delete_bucket_policy(Bucket=bucket)
    assert api.call("GET", f"/process-file?file_id={file_id}")["status"] != "ready"


def test_a_password_is_never_taken(strict):
    """Not even the right one: it is proven by SRP, as the other tests do."""
    cognito, client = strict.client("cognito-idp"), strict.outputs("dev")["WebClientId"]
    with pytest.raises(cognito.exceptions.InvalidParameterException, match="USER_PASSWORD_AUTH"):
        cognito.initiate_auth(
            ClientId=client,
            AuthFlow="USER_PASSWORD_AUTH",
            AuthParameters={"USERNAME": "a@example.com", "PASSWORD": PASSWORD},
        )

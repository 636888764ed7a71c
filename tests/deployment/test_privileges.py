"""Each function has enough permissions: the emulator enforces the policies of the roles."""

from __future__ import annotations

import json
import uuid

import pytest

from local.api_client import Api
from local.processes import wait_until
from tests.deployment.conftest import PASSWORD, PROJECT, running_cloud
from tests.test_main_job import CONSENTS, wait_until_done

SAMPLE = PROJECT / "local" / "samples" / "kakaotalk.csv"


@pytest.fixture(scope="module")
def strict_cloud(tmp_path_factory):
    with running_cloud(tmp_path_factory.mktemp("strict"), strict=True) as cloud:
        completed = cloud.deploy("dev", *cloud.emulator_options)
        assert completed.returncode == 0, completed.stderr
        yield cloud


@pytest.fixture(scope="module", autouse=True)
def tls_policy(strict_cloud):
    """The bucket's policy, removed during the tests: it refuses requests without TLS, and the emulator has no TLS."""
    s3, bucket = strict_cloud.client("s3"), strict_cloud.outputs("dev")["UploadBucketName"]
    policy = s3.get_bucket_policy(Bucket=bucket)["Policy"]
    s3.delete_bucket_policy(Bucket=bucket)
    return policy


@pytest.fixture
def api(strict_cloud):
    outputs = strict_cloud.outputs("dev")
    tokens = strict_cloud.tokens(outputs["UserPoolId"], outputs["WebClientId"], f"{uuid.uuid4().hex}@example.com")
    api = Api(strict_cloud.api_url("dev"), tokens["IdToken"])
    api.call("PUT", "/user-profile", CONSENTS)
    return api


def upload(strict_cloud, api):
    """Begin an upload and put the object by API, because the strict emulator cannot verify the signature of a form."""
    created = api.call("POST", "/process-file", {"filename": "chat.csv", "size": 100_000, "my_name": "하늘"})
    location = {"Bucket": strict_cloud.outputs("dev")["UploadBucketName"], "Key": created["upload"]["fields"]["key"]}
    strict_cloud.client("s3").put_object(**location, Body=SAMPLE.read_bytes())
    return created["file"]["file_id"], location


def count_objects(strict_cloud):
    return strict_cloud.client("s3").list_objects_v2(Bucket=strict_cloud.outputs("dev")["UploadBucketName"])["KeyCount"]


def test_an_upload_is_imported_and_erased(strict_cloud, api):
    file_id, _ = upload(strict_cloud, api)
    assert wait_until_done(api, file_id)["status"] == "ready"
    assert wait_until(lambda: count_objects(strict_cloud) == 0, seconds=10)


def test_an_account_is_erased_with_its_uploads_and_its_user(strict_cloud, api):
    user_id = api.call("GET", "/user-profile")["user_id"]
    location = {"Bucket": strict_cloud.outputs("dev")["UploadBucketName"], "Key": f"other/{user_id}"}
    strict_cloud.client("s3").put_object(**location, Body=b"not an upload")
    strict_cloud.client("s3").put_object(**location | {"Key": f"uploads/{user_id}/abandoned"}, Body=b"")
    erased = api.call("DELETE", "/user-profile", {})["erased"]
    assert erased["cognito_user"] == 1
    assert count_objects(strict_cloud) == 1
    strict_cloud.client("s3").delete_object(**location)


def test_the_hourly_job_may_erase_files_and_objects(strict_cloud, api):
    created = api.call("POST", "/process-file", {"filename": "late.csv", "size": 100})
    user_id, file_id = api.call("GET", "/user-profile")["user_id"], created["file"]["file_id"]
    strict_cloud.query("UPDATE love_q.files SET expires_at = now() - interval '1 day' WHERE file_id = :id", id=file_id)
    function = strict_cloud.outputs("dev")["EraseExpiredName"]
    event = {"id": "x", "detail-type": "x", "source": "aws.events", "account": "0", "time": "x", "region": "x"}
    event |= {"resources": [], "detail": {}, "version": "0"}
    response = strict_cloud.client("lambda").invoke(FunctionName=function, Payload=json.dumps(event).encode())
    assert json.loads(response["Payload"].read())["files"] == 1
    assert strict_cloud.query("SELECT 1 FROM love_q.files WHERE user_id = :user", user=user_id) == []


@pytest.fixture
def without_get_object(strict_cloud):
    """Remove s3:GetObject from the import's role during a test."""
    iam = strict_cloud.client("iam")
    (name,) = [role["RoleName"] for role in iam.list_roles()["Roles"] if "FileUploadRole" in role["RoleName"]]
    policy = iam.get_role_policy(RoleName=name, PolicyName="love-q")["PolicyDocument"]
    reduced = json.loads(json.dumps(policy).replace('"s3:GetObject"', '"s3:GetObjectTagging"'))
    iam.put_role_policy(RoleName=name, PolicyName="love-q", PolicyDocument=json.dumps(reduced))
    yield
    iam.put_role_policy(RoleName=name, PolicyName="love-q", PolicyDocument=json.dumps(policy))


def invoke_import(strict_cloud, location):
    """Invoke the import with the event of an upload and return the response."""
    event = {"Records": [{"s3": {"bucket": {"name": location["Bucket"]}, "object": {"key": location["Key"]}}}]}
    function = strict_cloud.outputs("dev")["FileUploadName"]
    return strict_cloud.client("lambda").invoke(FunctionName=function, Payload=json.dumps(event).encode())


def test_a_function_without_a_permission_it_needs_fails(strict_cloud, api, without_get_object):
    """Otherwise the tests above would show nothing."""
    file_id, location = upload(strict_cloud, api)
    assert invoke_import(strict_cloud, location).get("FunctionError") == "Unhandled"
    assert api.call("GET", f"/process-file?file_id={file_id}")["status"] != "ready"


def test_the_bucket_refuses_requests_without_tls(strict_cloud, api, tls_policy):
    s3, bucket = strict_cloud.client("s3"), strict_cloud.outputs("dev")["UploadBucketName"]
    s3.put_bucket_policy(Bucket=bucket, Policy=tls_policy)
    try:
        file_id, location = upload(strict_cloud, api)
        assert invoke_import(strict_cloud, location).get("FunctionError") == "Unhandled"
    finally:
        s3.delete_bucket_policy(Bucket=bucket)
    assert api.call("GET", f"/process-file?file_id={file_id}")["status"] != "ready"


def test_the_pool_refuses_a_sign_in_with_the_plain_password(strict_cloud):
    """Even with the right password. The other tests sign in by SRP."""
    cognito, client = strict_cloud.client("cognito-idp"), strict_cloud.outputs("dev")["WebClientId"]
    with pytest.raises(cognito.exceptions.InvalidParameterException, match="USER_PASSWORD_AUTH"):
        cognito.initiate_auth(
            ClientId=client,
            AuthFlow="USER_PASSWORD_AUTH",
            AuthParameters={"USERNAME": "a@example.com", "PASSWORD": PASSWORD},
        )

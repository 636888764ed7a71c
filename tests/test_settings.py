"""The environment is read once, as one typed object."""

import json

import pytest
from pydantic import ValidationError

from chalicelib import settings as module


@pytest.fixture
def read(monkeypatch, tmp_path):
    """Reads the settings of an environment, with an environment file when one is given."""

    def read(environment, file=None):
        with monkeypatch.context() as patch:
            patch.setattr("os.environ", dict(environment))
            if file is not None:
                path = tmp_path / "stack.json"
                path.write_text(json.dumps(file))
                module.os.environ["ENVIRONMENT_FILE"] = str(path)
            return module.settings.__wrapped__()

    return read


def test_no_variable_is_needed(read):
    settings = read({})
    assert (settings.daily_credits, settings.kept_messages, settings.require_consents) == (20, 5_000, True)
    assert settings.issuer is settings.jwks_url is None


def test_variables_have_types(read):
    settings = read({"DAILY_CREDITS": "3", "REQUIRE_CONSENTS": "false", "STAGE": "dev", "PATH": "/bin"})
    assert (settings.daily_credits, settings.require_consents, settings.stage) == (3, False, "dev")


@pytest.mark.parametrize("variables", [{"DAILY_CREDITS": "many"}, {"AUTHORIZER": "somebody"}, {"KEPT_MESSAGES": "0"}])
def test_a_value_that_cannot_be_is_refused_at_start(read, variables):
    with pytest.raises(ValidationError):
        read(variables)


def test_an_empty_variable_is_as_good_as_none(read):
    assert read({"COGNITO_ISSUER": ""}).cognito_issuer is None


def test_the_issuer_follows_from_the_pool(read):
    settings = read({"COGNITO_USER_POOL_ID": "us-east-1_x", "AWS_REGION": "us-east-1"})
    assert settings.jwks_url == "https://cognito-idp.us-east-1.amazonaws.com/us-east-1_x/.well-known/jwks.json"


def test_the_local_stacks_file_wins_over_a_shell_that_means_something_else(read):
    settings = read(
        {"DATABASE_URL": "postgresql://elsewhere", "LOG_LEVEL": "DEBUG"}, {"DATABASE_URL": "postgresql://here"}
    )
    assert (settings.database_url, settings.log_level) == ("postgresql://here", "DEBUG")


def test_a_stack_that_is_not_up_is_said_so(read):
    with pytest.raises(module.MissingEnvironmentFile, match="make run"):
        read({"ENVIRONMENT_FILE": ".local/nowhere/stack.json"})

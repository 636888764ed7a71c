"""The environment variables become one typed object."""

from __future__ import annotations

import json

import pytest
from pydantic import ValidationError

from chalicelib import settings as module


@pytest.fixture
def read(monkeypatch, tmp_path):
    """Return a function that reads the settings of an environment and an optional environment file."""

    def read(environment, file=None):
        with monkeypatch.context() as patch:
            patch.setattr("os.environ", dict(environment))
            if file is not None:
                path = tmp_path / "stack.json"
                path.write_text(json.dumps(file))
                module.os.environ["ENVIRONMENT_FILE"] = str(path)
            return module.settings.__wrapped__()

    return read


def test_every_setting_has_a_default(read):
    settings = read({})
    assert (settings.daily_credits, settings.kept_messages, settings.require_consents) == (20, 5_000, True)
    assert settings.issuer is settings.jwks_url is None


def test_variables_have_types(read):
    settings = read({"DAILY_CREDITS": "3", "REQUIRE_CONSENTS": "false", "STAGE": "dev", "PATH": "/bin"})
    assert (settings.daily_credits, settings.require_consents, settings.stage) == (3, False, "dev")


@pytest.mark.parametrize("variables", [{"DAILY_CREDITS": "many"}, {"AUTHORIZER": "somebody"}, {"KEPT_MESSAGES": "0"}])
def test_an_invalid_value_is_an_error_at_start(read, variables):
    with pytest.raises(ValidationError):
        read(variables)


def test_an_empty_variable_counts_as_unset(read):
    assert read({"COGNITO_ISSUER": ""}).cognito_issuer is None


def test_the_issuer_is_derived_from_the_user_pool(read):
    settings = read({"COGNITO_USER_POOL_ID": "us-east-1_x", "AWS_REGION": "us-east-1"})
    assert settings.jwks_url == "https://cognito-idp.us-east-1.amazonaws.com/us-east-1_x/.well-known/jwks.json"


def test_the_environment_file_takes_precedence_over_the_shell(read):
    settings = read(
        {"DATABASE_URL": "postgresql://elsewhere", "LOG_LEVEL": "DEBUG"}, {"DATABASE_URL": "postgresql://here"}
    )
    assert (settings.database_url, settings.log_level) == ("postgresql://here", "DEBUG")


def test_a_missing_environment_file_names_the_command_to_start_the_stack(read):
    with pytest.raises(module.MissingEnvironmentFile, match="make run"):
        read({"ENVIRONMENT_FILE": ".local/nowhere/stack.json"})

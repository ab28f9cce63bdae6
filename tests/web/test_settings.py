from collections.abc import Mapping
from dataclasses import fields, replace
from pathlib import Path

import pytest

from backoffice_api.dotenv import SettingsError, read_dotenv
from backoffice_api.settings import Settings, describe, variables
from backoffice_api.weak_secrets import LENGTHS_MIN

ROOT = Path(__file__).parents[2]


def faults(environ: Mapping[str, str], dotenv_path: Path | None = None) -> tuple[str, ...]:
    with pytest.raises(SettingsError) as refusal:
        Settings.from_environment(environ, dotenv_path)
    return refusal.value.faults


def dotenv(folder: Path, text: str) -> Path:
    path = folder / ".env"
    path.write_text(text, encoding="utf-8")
    return path


class TestSettings:
    def test_default_to_those_of_production(self) -> None:
        settings = Settings.from_environment({})

        assert settings == Settings()
        assert settings.environment == "production"
        assert (settings.introspection, settings.graphiql) == (False, False)
        assert settings.log_format == "json"
        assert settings.database_url == "sqlite:///backoffice.db"
        assert settings.reading_url is None
        assert settings.cors_origins == ()

    def test_of_development_turn_on_what_helps_there(self) -> None:
        settings = Settings.from_environment({"BACKOFFICE_ENVIRONMENT": "development"})

        assert settings == Settings(
            environment="development", introspection=True, graphiql=True, log_format="console"
        )

    def test_of_development_can_be_turned_off_again(self) -> None:
        settings = Settings.from_environment(
            {
                "BACKOFFICE_ENVIRONMENT": "development",
                "BACKOFFICE_GRAPHIQL": "false",
                "BACKOFFICE_LOG_FORMAT": "json",
            }
        )

        assert (settings.introspection, settings.graphiql) == (True, False)
        assert settings.log_format == "json"

    def test_are_read_in_their_types(self) -> None:
        settings = Settings.from_environment(
            {
                "BACKOFFICE_READING_URL": "postgresql+psycopg://replica/shop",
                "BACKOFFICE_PORT": "9000",
                "BACKOFFICE_WORKER_IN_PROCESS": "0",
                "BACKOFFICE_CORS_ORIGINS": "https://a.example, http://localhost:3000",
                "BACKOFFICE_LOG_LEVEL": "debug",
            }
        )

        assert settings == replace(
            Settings(),
            reading_url="postgresql+psycopg://replica/shop",
            port=9000,
            worker_in_process=False,
            cors_origins=("https://a.example", "http://localhost:3000"),
            log_level="debug",
        )

    def test_that_are_empty_count_as_not_set(self) -> None:
        assert Settings.from_environment({"BACKOFFICE_READING_URL": ""}) == Settings()

    def test_of_the_environment_win_over_the_file(self, tmp_path: Path) -> None:
        path = dotenv(tmp_path, "BACKOFFICE_PORT=1111\nBACKOFFICE_WORKERS=4\n")

        settings = Settings.from_environment({"BACKOFFICE_PORT": "2222"}, path)

        assert (settings.port, settings.workers) == (2222, 4)

    def test_that_are_wrong_are_all_named_at_once(self) -> None:
        wrong = faults(
            {
                "BACKOFFICE_PORT": "70000",
                "BACKOFFICE_ENVIRONMENT": "prod",
                "BACKOFFICE_WORKERS": "two",
                "BACKOFFICE_GRAPHIQL": "maybe",
            }
        )

        assert wrong == (
            "BACKOFFICE_PORT cannot be used. Expected: Port to listen on, 1 to 65535.",
            "BACKOFFICE_WORKERS cannot be used. Expected: Server processes, 1 to 64.",
            f"BACKOFFICE_ENVIRONMENT cannot be used. Expected: {describe('environment')}",
            f"BACKOFFICE_GRAPHIQL cannot be used. Expected: {describe('graphiql')}",
        )

    @pytest.mark.parametrize(
        ("variable", "value"),
        [
            ("BACKOFFICE_DATABASE_URL", "mysql://root:canary@db/shop"),
            ("BACKOFFICE_READING_URL", "postgresql://u:canary pass@db/shop"),
            ("BACKOFFICE_CURSOR_SECRET", "canary"),
            ("BACKOFFICE_LOG_LEVEL", "canary"),
            ("BACKOFFICE_POOL_SIZE", "canary"),
            ("BACKOFFICE_CORS_ORIGINS", "https://canary.example/path"),
        ],
    )
    def test_never_repeat_a_wrong_value(self, variable: str, value: str) -> None:
        with pytest.raises(SettingsError, match=variable) as refusal:
            Settings.from_environment({variable: value})

        assert len(refusal.value.faults) == 1
        assert "canary" not in str(refusal.value)
        assert refusal.value.__suppress_context__ or refusal.value.__context__ is None

    @pytest.mark.parametrize(
        "origins",
        [
            "*",
            "null",
            "https://*.example.com",
            "https://a.example,*",
            "a.example",
            "https://A.example",
            "https://a.example/",
            ",",
        ],
    )
    def test_take_no_origin_that_is_not_one(self, origins: str) -> None:
        assert len(faults({"BACKOFFICE_CORS_ORIGINS": origins})) == 1

    @pytest.mark.parametrize(
        ("variable", "good", "bad"),
        [
            ("BACKOFFICE_PORT", "65535", "65536"),
            ("BACKOFFICE_STATEMENT_TIMEOUT_S", "1", "0"),
            ("BACKOFFICE_CURSOR_SECRET", "0f1e2d3c4b5a6978" * 2, "c" * 31),
            ("BACKOFFICE_REQUEST_BODY_MAX_BYTES", "1024", "1023"),
            ("BACKOFFICE_HSTS_MAX_AGE_S", "0", "-1"),
        ],
    )
    def test_have_bounds(self, variable: str, good: str, bad: str) -> None:
        settings = Settings.from_environment({variable: good})

        assert str(getattr(settings, variables()[variable])) == good
        assert len(faults({variable: bad})) == 1

    def test_of_the_file_are_refused_when_nobody_knows_them(self, tmp_path: Path) -> None:
        path = dotenv(tmp_path, "BACKOFFICE_DATABSE_URL=sqlite:///x.db\nPOSTGRES_PASSWORD=x\n")

        assert faults({"BACKOFFICE_TEST_POSTGRES_URL": "x"}, path) == (
            "BACKOFFICE_DATABSE_URL is in the .env file and is not a setting.",
        )

    def test_do_not_trust_nothing_at_all(self) -> None:
        only = {"BACKOFFICE_TRUSTED_DOCUMENTS_ONLY": "true"}

        assert len(faults(only)) == 1
        settings = Settings.from_environment(only | {"BACKOFFICE_TRUSTED_DOCUMENTS": "operations"})
        assert (settings.trusted_documents, settings.trusted_documents_only) == ("operations", True)

    @pytest.mark.parametrize(
        ("name", "value", "why"),
        [
            ("cursor_secret", "c" * 40, "is a pattern, not a secret"),
            ("cursor_secret", "changeme-changeme-changeme-12345", "is a well-known default"),
            ("smtp_password_secret", "hunter2", "has fewer than 8 characters"),
            ("smtp_password_secret", "Passw0rd!2024", "is a well-known default"),
            ("stripe_api_secret", "sk_test_1", "has fewer than 20 characters"),
            ("stripe_api_secret", "sk_test_example_key_0", "is a well-known default"),
            ("stripe_webhook_secret", "whsec_change_me_please", "is a well-known default"),
            ("easypost_api_secret", "EZTKxxxxxxxxxxxxxxxx", "is a pattern, not a secret"),
            ("easypost_webhook_secret", "secretsecretsecret", "is a well-known default"),
            ("shippo_api_secret", "shippo_test_yourtoken", "is a well-known default"),
            ("shippo_webhook_secret", "0123456789abcdef", "is a well-known default"),
            (
                "carriers_secret",
                '{"dhl": {"username": "shop", "password": "secret99"}}',
                "its member `password` is a well-known default",
            ),
            (
                "mailboxes_secret",
                '{"support": {"host": "imap.example.com", "user": "a", "password": "..."}}',
                "its member `password` has fewer than 8 characters",
            ),
            (
                "oidc_secret",
                '{"issuer": "https://login.example.com", "clientId": "a", "clientSecret": "abc"}',
                "its member `clientSecret` has fewer than 8 characters",
            ),
            ("audit_secret", f"{'0f1e2d3c4b5a6978' * 2},{'a' * 40}", "is a pattern, not a secret"),
            ("encryption_keys_secret", "a:YWFh", "has fewer than 46 characters"),
        ],
    )
    def test_with_weak_secrets_are_refused_in_production(
        self, name: str, value: str, why: str
    ) -> None:
        variable = f"BACKOFFICE_{name.upper()}"
        (fault,) = faults({variable: value})

        assert fault.startswith(f"{variable} cannot be used in production: {why}.")
        assert value not in fault
        trying = {variable: value, "BACKOFFICE_ENVIRONMENT": "development"}
        assert getattr(Settings.from_environment(trying), name) == value

    def test_have_a_least_length_or_members_for_every_secret(self) -> None:
        names = {field.name for field in fields(Settings) if field.name.endswith("_secret")}

        by_members = {"carriers_secret", "mailboxes_secret", "nfe_secret", "oidc_secret"}
        assert names - set(LENGTHS_MIN) == by_members
        assert set(LENGTHS_MIN) <= names

    def test_of_others_are_taken_as_they_make_them(self) -> None:
        given = {
            "BACKOFFICE_STRIPE_API_SECRET": "sk_live_51H8xYzKpQ2rT9vLm3nB7wXe",
            "BACKOFFICE_STRIPE_WEBHOOK_SECRET": "whsec_Zk3vQ9xT2mR7pL5nW8yB4cD6",
            "BACKOFFICE_CURSOR_SECRET": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822c",
            "BACKOFFICE_MAILBOXES_SECRET": '{"a": {"host": "b.example", "password": "j4Kd91xQ"}}',
        }

        assert Settings.from_environment(given).stripe_api_secret is not None

    def test_hide_their_secrets_when_shown(self) -> None:
        settings = Settings(
            database_url="postgresql://shop:canary@db:5432/shop",
            reading_url="postgresql://db/shop?user=shop&password=canary&sslmode=require",
            redis_url="redis://:canary@cache:6379/0",
            cursor_secret="canary" * 8,
        )

        assert "canary" not in repr(settings)
        assert "canary" not in f"{settings}"
        assert "'postgresql://shop:***@db:5432/shop'" in repr(settings)
        assert "'postgresql://db/shop?user=shop&password=***&sslmode=require'" in repr(settings)
        assert "'redis://:***@cache:6379/0'" in repr(settings)
        assert "cursor_secret='***'" in repr(settings)

    def test_show_that_a_secret_is_missing(self) -> None:
        assert "cursor_secret=None" in repr(Settings())


class TestEnvExample:
    def test_has_every_setting_with_its_meaning_and_default(self) -> None:
        example = (ROOT / ".env.example").read_text(encoding="utf-8")
        defaults = {field.name: field.default for field in fields(Settings)}

        for variable, field in variables().items():
            default = defaults[field]
            shown = "" if default in (None, ()) else str(default)
            shown = shown.lower() if isinstance(default, bool) else shown
            assert f"# {describe(field)}\n# {variable}={shown}\n" in example

    def test_gives_the_defaults_when_every_line_is_uncommented(self, tmp_path: Path) -> None:
        example = (ROOT / ".env.example").read_text(encoding="utf-8")
        lines = [line.removeprefix("# ") for line in example.splitlines()]
        path = dotenv(tmp_path, "\n".join(line for line in lines if line.startswith("BACKOFFICE_")))

        assert Settings.from_environment({}, path) == Settings()
        assert set(read_dotenv(path)) == set(variables())


class TestReadDotenv:
    def test_finds_nothing_where_there_is_no_file(self, tmp_path: Path) -> None:
        assert read_dotenv(tmp_path / ".env") == {}

    def test_reads_values_quotes_and_comments(self, tmp_path: Path) -> None:
        path = dotenv(
            tmp_path,
            "# a comment\n"
            "\n"
            "  # another\n"
            "PLAIN=value\n"
            "SPACED = two words \n"
            "EMPTY=\n"
            "EMPTY_TOO= # nothing\n"
            "HASH=a#b\n"
            "COMMENTED=a # b\n"
            "SINGLE='a # \"b\"'\n"
            'DOUBLE="it\'s $HOME \\n" # as it stands\n'
            "EQUALS=a=b=\n"
            "WINDOWS=line\r\n",
        )

        assert read_dotenv(path) == {
            "PLAIN": "value",
            "SPACED": "two words",
            "EMPTY": "",
            "EMPTY_TOO": "",
            "HASH": "a#b",
            "COMMENTED": "a",
            "SINGLE": 'a # "b"',
            "DOUBLE": "it's $HOME \\n",
            "EQUALS": "a=b=",
            "WINDOWS": "line",
        }

    def test_names_every_line_that_is_wrong_and_not_what_it_says(self, tmp_path: Path) -> None:
        path = dotenv(
            tmp_path,
            "canary\n1KEY=canary\nKEY='canary\nOTHER='a' canary\nGOOD=1\nGOOD=canary\nexport A=1\n",
        )

        with pytest.raises(SettingsError) as refusal:
            read_dotenv(path)

        assert refusal.value.faults == (
            f"{path} line 1 is not KEY=VALUE.",
            f"{path} line 2 is not KEY=VALUE.",
            f"{path} line 3 is not KEY=VALUE.",
            f"{path} line 4 is not KEY=VALUE.",
            f"{path} line 6 sets GOOD again.",
            f"{path} line 7 is not KEY=VALUE.",
        )

    def test_refuses_what_is_not_text(self, tmp_path: Path) -> None:
        path = tmp_path / ".env"
        path.write_bytes(b"KEY=\xff\xfe")

        with pytest.raises(SettingsError, match=r"is not UTF-8\."):
            read_dotenv(path)

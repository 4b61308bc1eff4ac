"""Settings: typed, checked, and strict where real users are served."""

import pytest

from mixillo.config import ConfigError, Settings

STRONG = {
    "NODE_ENV": "production",
    "MONGODB_URI": "mongodb://db.internal/mixillo",
    "JWT_SECRET": "kVf3nB8sQ1zLxW0pYtR7uEoA5cD2mG9hJ4iN6",
    "JWT_REFRESH_SECRET": "9hJ4iN6kVf3nB8sQ1zLxW0pYtR7uEoA5cD2mG",
}


def test_nothing_set_is_a_development_machine() -> None:
    settings = Settings.from_env({})
    assert settings.environment == "development"
    assert settings.port == 5000
    assert settings.base_url == "http://localhost:5000"


def test_values_have_their_types() -> None:
    settings = Settings.from_env({"PORT": "8080", "CORS_ORIGINS": "https://a.example, https://b.example/"})
    assert settings.port == 8080
    assert settings.cors_origins == ("https://a.example", "https://b.example")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("PORT", "0"),
        ("PORT", "65536"),
        ("PORT", "http"),
        ("NODE_ENV", "prod"),
        ("MONGODB_URI", "postgres://x/y"),
        ("MIXILLO_WORKER", "sync"),
        ("CORS_ORIGINS", "*"),
        ("CORS_ORIGINS", "https://a.example/path"),
        ("MIXILLO_RATE_LIMIT", "many"),
        ("DATABASE_MODE", "firebase"),
        ("MIXILLO_PAYMENT_PROVIDER", "paypal"),
        ("MIXILLO_COIN_VALUE", "0"),
        ("MIXILLO_COIN_VALUE", "NaN"),
        ("MIXILLO_COIN_VALUE", "0.0000001"),
    ],
)
def test_a_value_that_cannot_be_used_is_named(name: str, value: str) -> None:
    with pytest.raises(ConfigError, match=name):
        Settings.from_env({name: value})


def test_all_faults_are_told_at_once() -> None:
    with pytest.raises(ConfigError) as caught:
        Settings.from_env({"PORT": "x", "NODE_ENV": "y"})
    assert len(caught.value.problems) == 2


def test_production_starts_with_strong_secrets() -> None:
    assert Settings.from_env(STRONG).is_production


@pytest.mark.parametrize("name", ["JWT_SECRET", "JWT_REFRESH_SECRET"])
@pytest.mark.parametrize("value", ["", "short", "a" * 64, "your-secret-key-that-nobody-ever-changed", "changeme" * 5])
def test_production_refuses_a_missing_short_or_default_secret(name: str, value: str) -> None:
    with pytest.raises(ConfigError, match=name):
        Settings.from_env(STRONG | {name: value})


@pytest.mark.parametrize("name", ["MIXILLO_METRICS_TOKEN", "MIXILLO_CHECKER_SECRET"])
def test_production_refuses_a_weak_secret_that_need_not_be_set(name: str) -> None:
    for value in ("short", "a" * 64, "changeme" * 5):
        with pytest.raises(ConfigError, match=name):
            Settings.from_env(STRONG | {name: value})
    assert Settings.from_env(STRONG | {name: "mG9hJ4iN6kVf3nB8sQ1zLxW0pYtR7uEoA5cD2"})
    assert Settings.from_env({name: "short"})  # development may


def test_production_refuses_the_same_secret_twice() -> None:
    with pytest.raises(ConfigError, match="must differ"):
        Settings.from_env(STRONG | {"JWT_REFRESH_SECRET": STRONG["JWT_SECRET"]})


def test_a_fault_never_repeats_the_secret() -> None:
    with pytest.raises(ConfigError) as caught:
        Settings.from_env(STRONG | {"JWT_SECRET": "hunter2-hunter2"})
    assert "hunter2" not in str(caught.value)


def test_an_application_without_a_secret_does_not_start() -> None:
    with pytest.raises(ConfigError, match="JWT_SECRET"):
        Settings(mongodb_uri="mongodb://x/y").require_complete()


@pytest.mark.parametrize("missing", ["STRIPE_SECRET_KEY", "STRIPE_WEBHOOK_SECRET"])
def test_nothing_starts_with_stripe_chosen_and_a_key_missing(missing: str) -> None:
    chosen = {"MIXILLO_PAYMENT_PROVIDER": "stripe", "STRIPE_SECRET_KEY": "sk", "STRIPE_WEBHOOK_SECRET": "whsec"}
    assert Settings.from_env(chosen).payments_by == "stripe"
    with pytest.raises(ConfigError, match=missing):
        Settings.from_env(chosen | {missing: ""})


def test_production_sells_nothing_until_somebody_says_who_takes_the_money() -> None:
    assert Settings.from_env({}).payments_by == "sandbox"
    assert Settings.from_env(STRONG).payments_by == ""
    assert Settings.from_env(STRONG | {"MIXILLO_PAYMENT_PROVIDER": "sandbox"}).payments_by == "sandbox"


def test_one_hop_is_trusted_on_cloud_run_and_none_elsewhere() -> None:
    assert Settings.from_env({}).proxies == 0
    assert Settings.from_env({"K_SERVICE": "mixillo"}).proxies == 1
    assert Settings.from_env({"MIXILLO_TRUSTED_PROXIES": "2"}).proxies == 2

"""Every setting is documented, in one table, with what the code says of it."""

from pathlib import Path

from mixillo.config import declarations

TABLE = Path(__file__).parents[2] / "docs" / "configuration.md"


def test_every_setting_has_its_row_in_the_table() -> None:
    text = TABLE.read_text("utf-8")
    missing = [
        setting.metadata["name"] for setting in declarations() if f"| `{setting.metadata['name']}` |" not in text
    ]
    assert missing == []


def test_the_meaning_in_the_table_is_the_one_in_the_code() -> None:
    text = TABLE.read_text("utf-8")
    different = [setting.metadata["name"] for setting in declarations() if setting.metadata["meaning"] not in text]
    assert different == []

"""The version, read by the packaging, `/health` and the OpenAPI document."""

VERSION = "0.1.0"

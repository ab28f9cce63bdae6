"""Webhooks out: payloads are made, signed and sent, each webhook at its own pace."""

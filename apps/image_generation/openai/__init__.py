"""The OpenAI Images API in front of this app's operations, for clients that were written for that one.

`/v1/images/generations`, `edits` and `variations`, and `/v1/models`. docs/openai.md says what is different.
"""

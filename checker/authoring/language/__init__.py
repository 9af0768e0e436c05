"""Answer an editor about a rule that is being written.

The answers are plain values with lines and columns from 1; `server` speaks the Language
Server Protocol: https://microsoft.github.io/language-server-protocol/specifications/lsp/3.17/specification/
"""

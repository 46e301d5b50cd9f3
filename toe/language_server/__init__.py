"""The language server, `toe lsp` (extra `toe[lsp]`): what the checker knows of a document, while it is typed."""

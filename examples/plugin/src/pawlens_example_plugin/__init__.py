"""Parts for pawlens, one file each; pyproject.toml names them as entry points."""

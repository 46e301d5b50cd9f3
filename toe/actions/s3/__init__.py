"""How S3Download and S3Upload move objects."""

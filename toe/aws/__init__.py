"""What speaks to AWS: clients, values, documents. Nothing here is imported before it is needed."""

"""`toe`: run and validate EC2 Image Builder component documents."""

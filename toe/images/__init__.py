"""Images from recipes, as EC2 Image Builder makes them: base and components to a tested image, on this machine."""

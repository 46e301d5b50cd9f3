"""What an editor is told of recipes of images and of toe-images.yml, while they are typed."""

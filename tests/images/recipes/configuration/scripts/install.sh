echo installing

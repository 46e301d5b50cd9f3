"""The phases that Image Builder runs, and when. Source: Image Builder's user guide on components and their phases."""

#: phase -> the stage of an image's workflow in which Image Builder runs it. Other phases it never runs.
STAGES = {"build": "build", "validate": "build", "test": "test", "container-host-test": "test"}

"""How weights change: the equations of 1986, and the losses, schedules and Adam of 2017."""

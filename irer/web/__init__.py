"""The Control Hub's web side: status, runs, hunts, routes and the rules on who may call them."""

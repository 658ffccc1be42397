"""What is on the ground: the region, its layers, the rules, the demonstration layers."""

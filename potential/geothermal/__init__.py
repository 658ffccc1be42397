"""Ground, shallow, deep, hydrothermal, heat demand."""

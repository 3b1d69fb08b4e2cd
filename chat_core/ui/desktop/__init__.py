"""What the system around the window offers: child processes, files, notifications, its colours. No tkinter."""

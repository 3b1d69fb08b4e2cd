"""What the window shows and decides, without a window: no tkinter, no disk, no clock. Tested without a display."""

"""The widgets: they draw what `model` says and hand back what the person does. The only place that imports tkinter."""

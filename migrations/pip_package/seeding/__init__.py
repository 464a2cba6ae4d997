"""What seeds defects into processes of either side; nothing of it is needed to run them."""

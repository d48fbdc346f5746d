"""What is read out of registrants' texts by rules: endpoints, response criteria, time frames, reasons for stopping."""

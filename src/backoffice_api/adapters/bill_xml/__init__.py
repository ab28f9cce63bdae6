"""Bills that come as XML, or as a PDF with XML in it."""

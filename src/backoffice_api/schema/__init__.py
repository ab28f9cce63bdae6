"""Words on the wire: types, inputs, payloads and links. No verbs."""

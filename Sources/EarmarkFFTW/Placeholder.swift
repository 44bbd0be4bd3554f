// Placeholder until the module's first stage lands.

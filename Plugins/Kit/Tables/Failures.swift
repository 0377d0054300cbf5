internal import SluiceABI

/// The error for a table whose function is not filled in.
func missing(_ function: String) -> PluginError {
    PluginError(.unsupported, "the host does not support \(function)")
}

/// The error for a call that the host answered with a failure.
func refused(_ status: sluice_status, _ deed: String) -> PluginError {
    PluginError(Status(rawValue: status), "\(deed): the host answered \(Status(rawValue: status))")
}

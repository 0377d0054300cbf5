internal import SluiceABI

/// What is behind the `void *self` of the header: the instance, its host and its role tables.
@safe
final class LivePlugin {
    let plugin: any Plugin
    let host: Host
    let source: (any SourcePlugin)?
    let service: (any ServicePlugin)?
    /// What the host was told last.
    var mounts: MountList?

    private let sourceTable: UnsafeMutablePointer<sluice_source_ops>
    private let serviceTable: UnsafeMutablePointer<sluice_service_ops>

    init(_ plugin: any Plugin, _ host: Host) {
        self.plugin = plugin
        self.host = host
        source = plugin as? any SourcePlugin
        service = plugin as? any ServicePlugin
        unsafe serviceTable = .allocate(capacity: 1)
        unsafe serviceTable.initialize(to: serviceRole())
        unsafe sourceTable = .allocate(capacity: 1)
        unsafe sourceTable.initialize(
            to: sourceRole(isRequired: source.map { type(of: $0).isRequired } ?? false)
        )
    }

    deinit {
        unsafe sourceTable.deallocate()
        unsafe serviceTable.deallocate()
    }

    /// The instance behind a context of the host.
    static func at(_ context: UnsafeMutableRawPointer) -> LivePlugin {
        unsafe Unmanaged<LivePlugin>.fromOpaque(context).takeUnretainedValue()
    }

    /// The C table of a role that this plugin plays.
    func table(ofRole id: String) -> UnsafeRawPointer? {
        switch id {
        case SLUICE_ROLE_SOURCE where source != nil: unsafe UnsafeRawPointer(sourceTable)
        case SLUICE_ROLE_SERVICE where service != nil: unsafe UnsafeRawPointer(serviceTable)
        default: nil
        }
    }
}

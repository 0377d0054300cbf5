/// A C table of the plugin, at an address that holds as long as this does.
@safe
final class RoleTable<Ops> {
    private let place: UnsafeMutablePointer<Ops>

    init(_ ops: Ops) {
        unsafe place = .allocate(capacity: 1)
        unsafe place.initialize(to: ops)
    }

    deinit {
        unsafe place.deinitialize(count: 1)
        unsafe place.deallocate()
    }

    /// What the host is given.
    var pointer: UnsafeRawPointer { unsafe UnsafeRawPointer(place) }
}

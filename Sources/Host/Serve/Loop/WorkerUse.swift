internal import SluiceBase

/// What a worker holds at one moment; all zero when nothing is under way.
package struct WorkerUse: Sendable, Equatable {
    package let connections: Int
    package let exchanges: Int
    /// Send and large buffers.
    package let buffers: Int

    /// Nothing is under way.
    package var isNone: Bool { connections == 0 && exchanges == 0 && buffers == 0 }
}

extension Worker where P: ~Copyable {
    /// [worker] What is in use.
    package var use: WorkerUse {
        WorkerUse(
            connections: connections.used,
            exchanges: exchanges.used,
            buffers: buffers.taken
        )
    }
}

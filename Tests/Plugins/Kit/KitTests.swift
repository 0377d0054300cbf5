import Testing

/// The kit's tests, one after the other: they share the fake host.
@Suite(.serialized) struct KitTests {}

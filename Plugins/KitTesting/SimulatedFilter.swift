internal import SluiceABI
internal import SluiceKit

// What a filter does with a message: the second half of the http table.

private func change(
    _ id: UInt64,
    _ side: UInt32,
    _ body: (SimulatedPassage, Side) -> Void
) -> Int32 {
    guard let passage = Registered.passages.find(id) else { return SLUICE_E_GONE }
    guard let side = Side(rawValue: side) else { return SLUICE_E_INVALID }
    body(passage, side)
    return SLUICE_OK
}

func headerSet(_ id: UInt64, _ side: UInt32, _ name: sluice_span, _ value: sluice_span) -> Int32 {
    change(id, side) { passage, side in
        unsafe passage.headers[side, default: [:]][String(name)] = String(value)
    }
}

func headerAdd(_ id: UInt64, _ side: UInt32, _ name: sluice_span, _ value: sluice_span) -> Int32 {
    change(id, side) { passage, side in
        let line = unsafe Header(String(name), octets: Array(value))
        passage.headers[side, default: [:]].add(line)
    }
}

func headerRemove(_ id: UInt64, _ side: UInt32, _ name: sluice_span) -> Int32 {
    change(id, side) { passage, side in
        unsafe passage.headers[side, default: [:]][String(name)] = nil
    }
}

func pathSet(_ id: UInt64, _ path: sluice_span, _ query: sluice_span) -> Int32 {
    change(id, Side.request.rawValue) { passage, _ in
        let hasQuery = unsafe query.data != nil
        passage.path = unsafe String(path) + (hasQuery ? "?\(String(query))" : "")
    }
}

func statusSet(_ id: UInt64, _ status: Int32) -> Int32 {
    change(id, Side.response.rawValue) { passage, _ in passage.status = Int(status) }
}

func bodySet(
    _ id: UInt64,
    _ side: UInt32,
    _ pieces: UnsafePointer<sluice_chunk>?,
    _ count: Int
) -> Int32 {
    change(id, side) { passage, side in
        passage.bodies[side] = unsafe Array(pieces, count)
    }
}

func held(
    _ id: UInt64,
    _ side: UInt32,
    _ out: UnsafeMutablePointer<sluice_chunk>?,
    _ count: UnsafeMutablePointer<Int>?
) -> Int32 {
    guard let passage = Registered.passages.find(id), let side = Side(rawValue: side),
        let count = unsafe count
    else { return SLUICE_E_GONE }
    let bytes = passage.held[side] ?? []
    let room = unsafe count.pointee
    unsafe count.pointee = bytes.isEmpty ? 0 : 1
    if room == 0 || bytes.isEmpty { return SLUICE_OK }
    // It stays as long as the passage, which is longer than the callback.
    unsafe out?.pointee = unsafe sluice_chunk(bytes: passage.lend(bytes), owner: nil)
    return SLUICE_OK
}

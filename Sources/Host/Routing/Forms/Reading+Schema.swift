extension Reading {
    mutating func conforms() -> Bool { true }
}

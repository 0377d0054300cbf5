/// Host names of listeners and routes, of which the first label may be `*`.
enum Hostname {
    /// The hosts that both names stand for, as the more specific of the two; nil: none.
    ///
    /// A wildcard stands for one or more labels and never for the bare domain.
    static func intersection(_ listener: String?, _ route: String) -> String? {
        guard let listener, !listener.isEmpty, listener != route else { return route }
        switch (suffix(listener), suffix(route)) {
        case (nil, nil): return nil
        case (let wide?, nil): return route.hasSuffix(wide) ? route : nil
        case (nil, let wide?): return listener.hasSuffix(wide) ? listener : nil
        case (let left?, let right?):
            if right.hasSuffix(left) { return route }
            return left.hasSuffix(right) ? listener : nil
        }
    }

    /// `.a.test` of `*.a.test`; nil when the name is exact.
    private static func suffix(_ name: String) -> Substring? {
        name.hasPrefix("*.") ? name.dropFirst() : nil
    }
}

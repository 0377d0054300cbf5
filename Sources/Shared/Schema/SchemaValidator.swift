/// Checks a value against compiled schemas.
struct SchemaValidator {
    let nodes: [SchemaNode]

    /// Adds to `findings` what is wrong with a value.
    func check(_ value: JSONValue, against index: Int, _ findings: inout SchemaFindings) {
        let node = nodes[index]
        guard !findings.isFull else { return }
        if node.isNever { findings.add(.not, value, "nothing is allowed here; remove it") }
        guard checkAny(value, node, &findings) else { return }
        switch value.kind {
        case .number: checkNumber(value, node, &findings)
        case .string: checkString(value, node, &findings)
        case .array: if let rules = node.array { checkArray(value, rules, &findings) }
        case .object: if let rules = node.object { checkObject(value, rules, &findings) }
        case .null, .bool: break
        }
        if let rules = node.composition { checkComposition(value, rules, &findings) }
    }

    func isValid(_ value: JSONValue, against index: Int) -> Bool {
        var findings = SchemaFindings()
        check(value, against: index, &findings)
        return findings.list.isEmpty
    }

    /// Whether the value has the right type; the other rules would only repeat that it has not.
    private func checkAny(
        _ value: JSONValue,
        _ node: SchemaNode,
        _ findings: inout SchemaFindings
    ) -> Bool {
        if !node.types.isEmpty, !node.types.contains(where: { $0.accepts(value) }) {
            findings.add(.type, value, "expected \(node.expectation), found \(node.found(value))")
            return false
        }
        if let allowed = node.enumeration, !allowed.contains(value) {
            let words = alternatives(allowed.map(\.found))
            let close = value.string.flatMap { nearest($0, among: allowed.compactMap(\.string)) }
            let hint = close.map { "; did you mean \(quoted($0))?" } ?? ""
            findings.add(.enum, value, "expected \(words), found \(node.found(value))\(hint)")
        }
        if let constant = node.constant, constant != value {
            findings.add(.const, value, "expected \(constant.found), found \(node.found(value))")
        }
        return true
    }

    private func checkNumber(
        _ value: JSONValue,
        _ node: SchemaNode,
        _ findings: inout SchemaFindings
    ) {
        guard let rules = node.number, let keyword = broken(rules, value.exactNumber) else {
            return
        }
        findings.add(keyword, value, "expected \(node.expectation), found \(node.found(value))")
    }

    private func broken(_ rules: NumberRules, _ number: ExactNumber) -> SchemaKeyword? {
        if let low = rules.minimum?.exactNumber, number < low { return .minimum }
        if let high = rules.maximum?.exactNumber, number > high { return .maximum }
        if let low = rules.exclusiveMinimum?.exactNumber, number <= low { return .exclusiveMinimum }
        if let high = rules.exclusiveMaximum?.exactNumber, number >= high {
            return .exclusiveMaximum
        }
        if let divisor = rules.divisor?.exactNumber, !number.isMultiple(of: divisor) {
            return .multipleOf
        }
        return nil
    }

    private func checkString(
        _ value: JSONValue,
        _ node: SchemaNode,
        _ findings: inout SchemaFindings
    ) {
        guard let rules = node.string, let text = value.string else { return }
        if rules.charactersMin != nil || rules.charactersMax != nil {
            let count = text.unicodeScalars.count
            let low = rules.charactersMin ?? 0
            if count < low || count > rules.charactersMax ?? .max {
                let wanted = bounds(rules.charactersMin, rules.charactersMax)
                findings.add(
                    count < low ? .minLength : .maxLength,
                    value,
                    "expected a text of \(wanted) characters, found \(count): \(node.found(value))"
                )
            }
        }
        guard let pattern = rules.pattern else { return }
        switch pattern.match(text) {
        case .matches: break
        case .differs:
            let wanted = node.title ?? "a text like \(pattern.text)"
            findings.add(.pattern, value, "expected \(wanted), found \(node.found(value))")
        case .tooCostly:
            findings.add(
                .pattern,
                value,
                "comparing \(node.found(value)) with \(pattern.text) takes too many steps; "
                    + "shorten it"
            )
        }
    }

    private func checkArray(
        _ value: JSONValue,
        _ rules: ArrayRules,
        _ findings: inout SchemaFindings
    ) {
        if value.count < rules.countMin ?? 0 || value.count > rules.countMax ?? .max {
            let keyword: SchemaKeyword = value.count < rules.countMin ?? 0 ? .minItems : .maxItems
            let wanted = bounds(rules.countMin, rules.countMax)
            findings.add(keyword, value, "expected \(wanted) elements, found \(value.count)")
        }
        for (position, element) in value.elements.enumerated() {
            if position < rules.prefix.count {
                check(element, against: rules.prefix[position], &findings)
            } else if let items = rules.items {
                check(element, against: items, &findings)
            }
        }
        guard rules.isUnique else { return }
        var seen: [[UInt8]: Int] = [:]
        for (position, element) in value.elements.enumerated() {
            if let first = seen.updateValue(position, forKey: element.canonical()) {
                findings.add(
                    .uniqueItems,
                    element,
                    "\(element.found) stands in this list twice, first at \(first); remove one"
                )
            }
        }
    }
}

extension SchemaValidator {
    func checkObject(
        _ value: JSONValue,
        _ rules: ObjectRules,
        _ findings: inout SchemaFindings
    ) {
        if value.count < rules.countMin ?? 0 || value.count > rules.countMax ?? .max {
            let isLow = value.count < rules.countMin ?? 0
            let wanted = bounds(rules.countMin, rules.countMax)
            findings.add(
                isLow ? .minProperties : .maxProperties,
                value,
                "expected \(wanted) members, found \(value.count)"
            )
        }
        checkRequired(value, rules, &findings)
        for member in value.members where !findings.isFull {
            checkMember(member, of: value, rules, &findings)
        }
    }

    private func checkRequired(
        _ value: JSONValue,
        _ rules: ObjectRules,
        _ findings: inout SchemaFindings
    ) {
        for key in rules.required where value[key] == nil {
            findings.add(.required, value, "the key \(quoted(key)) is missing")
        }
        for (key, required) in rules.dependent where value[key] != nil {
            for other in required where value[other] == nil {
                findings.add(
                    .dependentRequired,
                    value,
                    "the key \(quoted(other)) is missing; \(quoted(key)) needs it"
                )
            }
        }
    }

    private func checkMember(
        _ member: JSONMember,
        of value: JSONValue,
        _ rules: ObjectRules,
        _ findings: inout SchemaFindings
    ) {
        if let names = rules.names { checkName(member, of: value, names, &findings) }
        var isNamed = false
        if let schema = rules.properties[member.key] {
            isNamed = true
            check(member.value, against: schema, &findings)
        }
        for (pattern, schema) in rules.patterns {
            switch pattern.match(member.key) {
            case .differs: continue
            case .matches: check(member.value, against: schema, &findings)
            case .tooCostly:
                findings.add(
                    .patternProperties,
                    value,
                    member,
                    "the key \(quoted(member.key)) takes too many steps to compare; shorten it"
                )
            }
            isNamed = true
        }
        guard !isNamed, let additional = rules.additional else { return }
        guard nodes[additional].isNever else {
            return check(member.value, against: additional, &findings)
        }
        let close = nearest(member.key, among: rules.properties.keys.sorted())
        let hint = close.map { "; did you mean \(quoted($0))?" } ?? ""
        findings.add(
            .additionalProperties,
            value,
            member,
            "unknown key \(quoted(member.key))\(hint)"
        )
    }

    /// Checks a key as if it were a text value.
    private func checkName(
        _ member: JSONMember,
        of value: JSONValue,
        _ names: Int,
        _ findings: inout SchemaFindings
    ) {
        var inner = SchemaFindings()
        check(member.value.keyValue, against: names, &inner)
        for finding in inner.list {
            findings.add(
                .propertyNames,
                value,
                member,
                "the key \(quoted(member.key)) is refused: \(finding.text)"
            )
        }
    }
}

extension JSONValue {
    /// The key of a member's value: the node before it.
    fileprivate var keyValue: JSONValue { JSONValue(document: document, index: index - 1) }
}

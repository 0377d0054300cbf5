internal import SluiceShared

/// Shapes of references from one object to another.
enum References {
    /// A certificate: a Secret unless it says otherwise.
    static let secret = Shape.object(
        ObjectShape([
            Field("group", .text(.group)),
            Field("kind", .text(.kind)),
            Field("name", .text(.free(253, least: 1)), required: true),
            Field("namespace", .text(.label)),
        ])
    )

    /// A certificate authority: group and kind must be said.
    static let authority = Shape.object(
        ObjectShape([
            Field("group", .text(.group), required: true),
            Field("kind", .text(.kind), required: true),
            Field("name", .text(.free(253, least: 1)), required: true),
            Field("namespace", .text(.label)),
        ])
    )

    /// An object of the route's own namespace.
    static let local = Shape.object(
        ObjectShape([
            Field("group", .text(.group), required: true),
            Field("kind", .text(.kind), required: true),
            Field("name", .text(.free(253, least: 1)), required: true),
        ])
    )

    static let parent = Shape.object(
        ObjectShape([
            Field("group", .text(.group)),
            Field("kind", .text(.kind)),
            Field("namespace", .text(.label)),
            Field("name", .text(.free(253, least: 1)), required: true),
            Field("sectionName", .text(.subdomain)),
            Field("port", Tables.port),
        ])
    )

    /// A backend as mirrors and authorisers name it.
    static let backend = Shape.object(
        ObjectShape(backendFields, rules: [Rules.servicePort])
    )

    static let backendFields = [
        Field("group", .text(.group)),
        Field("kind", .text(.kind)),
        Field("name", .text(.free(253, least: 1)), required: true),
        Field("namespace", .text(.label)),
        Field("port", Tables.port),
    ]
}

extension KindTable {
    static let referenceGrant = KindTable(
        group: Group.gateway,
        kind: Kind.referenceGrant,
        versions: ["v1", "v1beta1"],
        isNamespaced: true,
        name: .subdomain,
        body: ObjectShape([
            Field(
                "spec",
                .object(
                    ObjectShape([
                        Field("from", .list(.object(from), count: 1...16), required: true),
                        Field("to", .list(.object(to), count: 1...16), required: true),
                    ])
                ),
                required: true
            )
        ])
    )

    private static let from = ObjectShape([
        Field("group", .text(.group), required: true),
        Field("kind", .text(.kind), required: true),
        Field("namespace", .text(.label), required: true),
    ])

    private static let to = ObjectShape([
        Field("group", .text(.group), required: true),
        Field("kind", .text(.kind), required: true),
        Field("name", .text(.free(253, least: 1))),
    ])
}

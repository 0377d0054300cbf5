/// `docs/schemas/l4route.json`, written here by `make schemas`.
enum L4RouteSchema {
    // swift-format-ignore
    static let text = #"""
        {"$schema":"https://json-schema.org/draft/2020-12/schema","$id":"https://sluice.dev/sche\#
        mas/l4route.json","title":"L4 route","description":"What happens to TLS connections, TCP\#
         connections and UDP datagrams. Whether TLS ends here or passes through is the listener'\#
        s tls.mode. Of several TLS routes the one with the most specific host serves; of several\#
         TCP or UDP routes on one listener the oldest. Nothing matches: the connection is closed\#
         by FIN or RST, the datagram dropped.","type":"object","required":["listeners","protocol\#
        ","backends"],"properties":{"listeners":{"description":"The listeners this route is atta\#
        ched to, by document name; each must speak protocol.","$ref":"#/$defs/listenerNames"},"p\#
        rotocol":{"description":"What the listeners speak.","enum":["TLS","TCP","UDP"]},"hosts":\#
        {"description":"TLS: the names of the SNI, each narrowed to the listener's hostname. Abs\#
        ent or empty: the listener's.","type":"array","items":{"$ref":"#/$defs/hostPattern"},"mi\#
        nItems":0,"maxItems":1024,"default":[]},"order":{"description":"Age and name, for the or\#
        der among routes.","$ref":"#/$defs/order"},"rule":{"title":"a text without control chara\#
        cters","description":"The rule's name, for logs, metrics and `explain`.","type":"string"\#
        ,"minLength":1,"maxLength":253,"pattern":"^[^\\x00-\\x1F\\x7F]*$"},"backends":{"descript\#
        ion":"Where connections go, shared by weight; of UDP, all datagrams of one downstream ad\#
        dress and port within the idle timeout. Empty: each is closed or dropped.","type":"array\#
        ","items":{"$ref":"#/$defs/backend"},"minItems":0,"maxItems":64},"timeouts":{"descriptio\#
        n":"Time limits.","type":"object","properties":{"idle":{"description":"The time without \#
        a byte either way until the connection is closed or the UDP association forgotten. `0s`:\#
         none, refused for UDP. Default: 0s; UDP: 60s.","$ref":"#/$defs/duration"}},"additionalP\#
        roperties":false}},"additionalProperties":false,"allOf":[{"if":{"required":["protocol"],\#
        "properties":{"protocol":{"const":"TLS"}}},"else":{"properties":{"hosts":{"not":{"title"\#
        :"TCP and UDP carry no hostname"}}}}},{"if":{"required":["protocol"],"properties":{"prot\#
        ocol":{"const":"UDP"}}},"then":{"properties":{"timeouts":{"properties":{"idle":{"not":{"\#
        title":"UDP ends by its idle timeout alone; expected more than 0s","pattern":"^(0+(h|m|s\#
        |ms))+$"}}}}}}}],"examples":[{"listeners":["default/web/tls"],"protocol":"TLS","hosts":[\#
        "db.a.test"],"backends":[{"pool":"default/db/5432"}]}],"$defs":{"backend":{"description"\#
        :"Where a share of the connections or datagrams goes: exactly one of pool and reject.","\#
        type":"object","properties":{"pool":{"description":"A `pool` document of the same instan\#
        ce, by name. Its endpoints are used as they are; its tls applies to TCP and to TLS that \#
        ends here.","$ref":"#/$defs/name"},"reject":{"description":"Close the connection at once\#
        , with FIN or RST and never a TLS alert, or drop the datagram: how a source says that a \#
        reference is invalid.","const":true},"weight":{"description":"The share of connections, \#
        relative to the sum over the backends. 0: none; all 0: every connection is closed.","typ\#
        e":"integer","minimum":0,"maximum":1000000,"default":1}},"additionalProperties":false,"o\#
        neOf":[{"required":["pool"]},{"required":["reject"]}]},"listenerNames":{"description":"T\#
        he listeners this route is attached to, by document name; the same instance must have pu\#
        t them. A name that is unknown at commit is reported and the route serves on the others.\#
        ","type":"array","items":{"$ref":"#/$defs/name"},"minItems":1,"maxItems":256},"order":{"\#
        description":"The age and name that break ties between equal documents: the older wins, \#
        then the name that sorts first in bytes. Absent: younger than everything that has an ord\#
        er, then by document name.","type":"object","properties":{"created":{"title":"a time suc\#
        h as 2026-01-01T00:00:00Z","description":"When the object was created, RFC 3339 with a t\#
        ime zone; for files the creationTimestamp they state, never the file's own time.","type"\#
        :"string","pattern":"^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\\.[0-9]{1,9\#
        })?(Z|[-+][0-9]{2}:[0-9]{2})$","maxLength":40},"name":{"description":"The object's name \#
        for the tie-break, usually `namespace/name`. Default: the document's name.","$ref":"#/$d\#
        efs/name"}},"additionalProperties":false},"hostPattern":{"title":"a DNS name in lower ca\#
        se, or *. and a DNS name","description":"A DNS name in lower case, or `*.` and a DNS nam\#
        e: the wildcard stands for one or more whole labels and never for the bare domain (Gatew\#
        ay API Hostname).","type":"string","minLength":1,"maxLength":253,"pattern":"^(\\*\\.)?[a\#
        -z0-9]([-a-z0-9]{0,61}[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?)*$","not":{"title\#
        ":"expected a DNS name, not an IPv4 address","pattern":"^[0-9]+(\\.[0-9]+){3}$"}},"durat\#
        ion":{"title":"a duration such as 10s, 500ms or 1h30m","description":"A Gateway API dura\#
        tion: one to four numbers, each of up to five digits and a unit of h, m, s or ms; `1h30m\#
        `, `10s`, `500ms`, `0s`.","type":"string","pattern":"^([0-9]{1,5}(h|m|s|ms)){1,4}$","max\#
        Length":28},"name":{"title":"a text without control characters","description":"The name \#
        of a document: free text without control characters, unique within the plugin instance a\#
        nd the kind.","type":"string","minLength":1,"maxLength":1024,"pattern":"^[^\\x00-\\x1F\\\#
        x7F]*$"}}}
        """#
}

/// Certificates for `a.test`, valid for a century, and their keys (ECDSA on P-256); each vouches for
/// itself.
///
/// They are written down because a signature made at another time may have another length: a seed
/// that fails must fail again.
struct SimulatedCertificate {
    let chain: String
    let key: String

    /// What listeners present, one after the other.
    static let listeners = [first, second]
    /// What clients and pools trust.
    static let trusted = [first, second]
    /// What origins present.
    static let origin = first

    private static let first = SimulatedCertificate(
        chain: """
            -----BEGIN CERTIFICATE-----
            MIIBTTCB9KADAgECAgEBMAoGCCqGSM49BAMCMAwxCjAIBgNVBAMMAWEwIBcNMjAw
            MTAxMDAwMDAwWhgPMjEyMDAxMDEwMDAwMDBaMAwxCjAIBgNVBAMMAWEwWTATBgcq
            hkjOPQIBBggqhkjOPQMBBwNCAATqN5Polf4r3cKjRvUp6QHylzcAbAozE9QqkpF2
            KzUX+9nSM8pT06vyIo7dfyEhUJPmcI5uuch8A9QXFvu3xRVjo0UwQzAPBgNVHRMB
            Af8EBTADAQH/MBEGA1UdEQQKMAiCBmEudGVzdDAdBgNVHQ4EFgQUooD1vA8WK0eS
            VLMf0+Qtn1DlDQYwCgYIKoZIzj0EAwIDSAAwRQIgHBFgu3u4Aahu1zQhPQk0lCt6
            J5x/5Oew/IIt7yUdHl0CIQCVp9dPGMpcVJsbNcChjyx83dVEE/II988TnVd3NG99
            oQ==
            -----END CERTIFICATE-----
            """,
        key: """
            -----BEGIN PRIVATE KEY-----
            MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgg4bYk6aGxn017zBK
            QQTyXDnhxdOlOT9CgjGKlRdYpiihRANCAATqN5Polf4r3cKjRvUp6QHylzcAbAoz
            E9QqkpF2KzUX+9nSM8pT06vyIo7dfyEhUJPmcI5uuch8A9QXFvu3xRVj
            -----END PRIVATE KEY-----
            """
    )

    private static let second = SimulatedCertificate(
        chain: """
            -----BEGIN CERTIFICATE-----
            MIIBTTCB9KADAgECAgEBMAoGCCqGSM49BAMCMAwxCjAIBgNVBAMMAWIwIBcNMjAw
            MTAxMDAwMDAwWhgPMjEyMDAxMDEwMDAwMDBaMAwxCjAIBgNVBAMMAWIwWTATBgcq
            hkjOPQIBBggqhkjOPQMBBwNCAARQR66j1GYVs56PxwzuyCoOGxNgQpXpUxv9iCGq
            hg+krvqB8HSR6dHUkkiR8vMeyGyPmoThp4d04LL07pf7DUTZo0UwQzAPBgNVHRMB
            Af8EBTADAQH/MBEGA1UdEQQKMAiCBmEudGVzdDAdBgNVHQ4EFgQUeiYVNVYM80Ub
            WJ5mRn/x6qUUfK4wCgYIKoZIzj0EAwIDSAAwRQIhAPL1D4DBoZVRnY619tf5pTjH
            oo/DEfWw6sub0Ob/fLkvAiBKevvaV7nmNWHUaXYIf+91UCguzmncASNwejfR5mrQ
            dQ==
            -----END CERTIFICATE-----
            """,
        key: """
            -----BEGIN PRIVATE KEY-----
            MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgtHG3HpFFXNBK0K47
            AkF11IZERBRgq2PAd1wFpc8VSWKhRANCAARQR66j1GYVs56PxwzuyCoOGxNgQpXp
            Uxv9iCGqhg+krvqB8HSR6dHUkkiR8vMeyGyPmoThp4d04LL07pf7DUTZ
            -----END PRIVATE KEY-----
            """
    )

    /// What an origin presents that nobody trusts.
    static let stranger = SimulatedCertificate(
        chain: """
            -----BEGIN CERTIFICATE-----
            MIIBTTCB9KADAgECAgEBMAoGCCqGSM49BAMCMAwxCjAIBgNVBAMMAWMwIBcNMjAw
            MTAxMDAwMDAwWhgPMjEyMDAxMDEwMDAwMDBaMAwxCjAIBgNVBAMMAWMwWTATBgcq
            hkjOPQIBBggqhkjOPQMBBwNCAATjTyTGmPgEv1kqIoo271bhvQTpLcYW6Epf9cfX
            1BPHAGTKd6juk8CDViFYztn2yNa6Jkr1gNtY+jLqqh37oRJoo0UwQzAPBgNVHRMB
            Af8EBTADAQH/MBEGA1UdEQQKMAiCBmEudGVzdDAdBgNVHQ4EFgQUH96HsomINLYq
            oZe32ifDOIpAgjswCgYIKoZIzj0EAwIDSAAwRQIhAIJt0aH8KPXdTgAXhpjJIAR0
            s6qmymvBLcQ8Y5UIV0XzAiB3673zB2xnNyXADJJvQeb18WC/lAj5jLi0Bgztu9Dd
            TA==
            -----END CERTIFICATE-----
            """,
        key: """
            -----BEGIN PRIVATE KEY-----
            MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgEDN67YvB0Q+qLJ/a
            ocKXAzDzRL7sSbCEB2uQXKTiQVShRANCAATjTyTGmPgEv1kqIoo271bhvQTpLcYW
            6Epf9cfX1BPHAGTKd6juk8CDViFYztn2yNa6Jkr1gNtY+jLqqh37oRJo
            -----END PRIVATE KEY-----
            """
    )
}

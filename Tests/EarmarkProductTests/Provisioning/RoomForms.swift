import Foundation
import ProgramSupport

/// What OpenSSL writes of one key and certificate in all the forms that it knows, and certificates made wrongly.
struct RoomForms {
    let place: Workplace

    /// Made once for all tests: it takes OpenSSL a second or two.
    static let made = Result { try RoomForms() }

    private init() throws {
        place = try Workplace()
        let process = Process()
        let pipe = Pipe()
        process.executableURL = URL(fileURLWithPath: "/bin/sh")
        process.arguments = ["-e", "-c", RoomForms.script]
        process.currentDirectoryURL = place.folder.url
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = pipe
        process.standardError = pipe
        try process.run()
        let printed = pipe.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else {
            throw ProcessRunner.Failure(description: "openssl: \(String(decoding: printed, as: UTF8.self))")
        }
        for name in try FileManager.default.contentsOfDirectory(atPath: place.folder.url.path) {
            try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: place.file(name))
        }
    }

    /// `room.crt` and `room.key` are good; what else there is differs in the one thing that its name says.
    private static let script = """
        umask 077
        ca="-addext basicConstraints=critical,CA:TRUE -days 3650"
        p256="-newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes"
        openssl req -x509 $p256 -keyout ca.key -out ca.pem -subj "/CN=Example root" $ca
        openssl req -new $p256 -keyout middle.key -out middle.csr -subj "/CN=Example middle"
        printf 'basicConstraints=critical,CA:TRUE\\n' > middle.ext
        openssl x509 -req -in middle.csr -CA ca.pem -CAkey ca.key -days 900 -extfile middle.ext -out middle.pem
        openssl req -new $p256 -keyout room.key -out room.csr -subj "/CN=room1.example.com"
        printf 'basicConstraints=CA:FALSE\\n' > room.ext
        sign() { openssl x509 -req -in "$1" -CA "$2.pem" -CAkey "$2.key" -days 90 -extfile room.ext -out "$3" $4; }
        sign room.csr ca room.crt
        sign room.csr middle below.crt
        info='authorityInfoAccess=OCSP;URI:http://ocsp.example.com/'
        printf "basicConstraints=CA:FALSE\\n$info\\n" > room.ext; sign room.csr middle asked.crt
        printf "basicConstraints=CA:FALSE\\n$info,caIssuers;URI:http://ca.example.com/middle.cer\\n" > room.ext
        sign room.csr middle fetched.crt
        printf 'basicConstraints=CA:FALSE\\nextendedKeyUsage=serverAuth\\n' > room.ext; sign room.csr ca server.crt
        printf 'basicConstraints=CA:FALSE\\nkeyUsage=critical,keyAgreement\\n' > room.ext; sign room.csr ca agree.crt
        printf 'basicConstraints=CA:FALSE\\n' > room.ext
        openssl x509 -in room.crt -outform DER -out room.der
        openssl x509 -in room.crt -trustout -out trusted.pem
        openssl base64 -in room.der -out bare.txt
        openssl req -in room.csr -outform DER -out request.der
        openssl pkcs12 -export -in room.crt -inkey room.key -passout pass:x -out room.p12
        openssl crl2pkcs7 -nocrl -certfile room.crt -out p7.pem
        openssl crl2pkcs7 -nocrl -certfile room.crt -outform DER -out room.p7b
        openssl cms -sign -in room.ext -signer room.crt -inkey room.key -outform PEM -out cms.pem
        iconv -f UTF-8 -t UTF-16 room.crt > utf16.pem
        iconv -f UTF-8 -t UTF-16LE room.crt > utf16le.pem
        : > index.txt
        printf '[ca]\\ndefault_ca=d\\n[d]\\ndatabase=index.txt\\ndefault_md=sha256\\ndefault_crl_days=9\\n' > ca.cnf
        openssl ca -gencrl -config ca.cnf -cert ca.pem -keyfile ca.key -out crl.pem
        openssl pkey -in room.key -outform DER -out key.der
        openssl ec -in room.key -outform DER -out sec1.der
        openssl pkcs8 -topk8 -in room.key -outform DER -passout pass:x -out enckey.der
        openssl pkey -in room.key -pubout -out public.pem
        openssl pkey -in room.key -pubout -outform DER -out public.der
        openssl enc -aes-256-cbc -pbkdf2 -pass pass:x -in room.key -out enc.key
        openssl pkcs8 -topk8 -in room.key -passout pass:x -out enc8.key
        openssl ec -in room.key -aes256 -passout pass:xyzw -out proc.key
        openssl ec -in room.key -param_enc explicit -out explicit.key
        openssl ec -in room.key -conv_form compressed -out compressed.key
        openssl ec -in room.key -no_public -out nopublic.key
        for form in explicit compressed; do
            openssl req -new -key $form.key -out $form.csr -subj "/CN=room1.example.com"
            sign $form.csr ca $form.crt
        done
        for curve in secp384r1 secp521r1 secp256k1 secp224r1 brainpoolP256r1; do
            openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:$curve -out $curve.key
        done
        for kind in RSA RSA-PSS ED25519 ED448 X25519; do openssl genpkey -algorithm $kind -out $kind.key; done
        openssl rsa -in RSA.key -outform MSBLOB -out rsa.blob
        for kind in RSA RSA-PSS ED25519 ED448; do
            openssl req -x509 -key $kind.key -out $kind.pem -subj "/CN=$kind root" $ca
            sign room.csr $kind by-$kind.crt
        done
        sign room.csr RSA pss.crt "-sigopt rsa_padding_mode:pss"
        for hash in md5 sha1 sha224 sha3-256; do sign room.csr RSA $hash.crt -$hash; done
        sign room.csr ca ecsha1.crt -sha1
        renew() { openssl x509 -req -in middle.csr -CA $1.pem -CAkey $1.key -days 9 -extfile middle.ext -out $2 $3; }
        renew ca middle-ecsha1.pem -sha1; renew RSA middle-sha1.pem -sha1; renew ED25519 middle-ed25519.pem
        renew RSA middle-rsa.pem
        openssl req -new -key secp384r1.key -out other.csr -subj "/CN=room1.example.com"
        sign other.csr ca secp384r1.crt
        openssl req -new -key ED448.key -out other.csr -subj "/CN=room1.example.com"
        sign other.csr ca ED448.crt
        openssl x509 -req -in room.csr -CA ca.pem -CAkey ca.key -days -1 -extfile room.ext -out expired.crt
        iconv -f UTF-8 -t UTF-32 room.crt > utf32.pem
        openssl pkcs12 -export -legacy -in room.crt -inkey room.key -passout pass:x -out old.p12
        openssl x509 -req -in room.csr -CA ca.pem -CAkey ca.key -set_serial -5 -extfile room.ext -out negative.crt
        openssl req -x509 -newkey rsa:1024 -nodes -keyout weak.key -out weak.pem -subj "/CN=Weak root" $ca
        for what in subjectAltName basicConstraints extendedKeyUsage keyUsage; do
            printf "$what=DER:0500\\n" > other.ext
            openssl x509 -req -in room.csr -CA ca.pem -CAkey ca.key -extfile other.ext -out bad-$what.crt
        done
        printf 'basicConstraints=CA:FALSE\\ncertificatePolicies=critical,1.2.3.4\\n' > other.ext
        openssl x509 -req -in room.csr -CA ca.pem -CAkey ca.key -days 90 -extfile other.ext -out policy.crt
        for mask in 0x4 0x100 0x800; do
            printf '%s\\n' '[req]' distinguished_name=d string_mask=MASK:$mask prompt=no utf8=yes '[d]' \\
                'CN=Zürich 1' > m.cnf
            openssl req -new -key room.key -config m.cnf -out other.csr
            sign other.csr ca mask-$mask.crt
        done
        printf '%s\\n' unique_subject=no new_certs_dir=. rand_serial=yes policy=p '[p]' commonName=supplied >> ca.cnf
        openssl ca -batch -config ca.cnf -cert ca.pem -keyfile ca.key -in room.csr -out inverted.crt -notext \\
            -startdate 20410101000000Z -enddate 20400101000000Z -extfile room.ext
        issue() { printf "$2" > other.ext; openssl x509 -req -in middle.csr -CA ca.pem -CAkey ca.key $3 \\
            -extfile other.ext -out middle-$1.pem; }
        issue ended 'basicConstraints=critical,CA:TRUE\\n' "-days -1"
        issue client 'basicConstraints=CA:FALSE\\n'
        issue server 'basicConstraints=critical,CA:TRUE\\nextendedKeyUsage=serverAuth\\n'
        issue sealing 'basicConstraints=critical,CA:TRUE\\nkeyUsage=critical,digitalSignature\\n'
        issue low 'basicConstraints=critical,CA:TRUE,pathlen:0\\nkeyUsage=critical,keyCertSign\\n'
        openssl x509 -req -in middle.csr -CA ca.pem -CAkey ca.key -out middle-first.pem
        openssl req -new $p256 -keyout lower.key -out lower.csr -subj "/CN=Example lower"
        openssl x509 -req -in lower.csr -CA middle.pem -CAkey middle.key -days 90 -extfile middle.ext -out lower.pem
        sign room.csr lower deep.crt
        openssl req -x509 $p256 -keyout other.key -out same-name.pem -subj "/CN=Example root" $ca
        openssl req -x509 -key room.key -out alone.crt -subj "/CN=room1" -addext basicConstraints=critical,CA:FALSE
        """
}

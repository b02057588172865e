import type { BrokerUser } from "./broker-users.js";

export interface ActivemqSettings {
  readonly directory: string;
  readonly port: number;
  readonly tlsPort: number;
  readonly users: readonly BrokerUser[];
  /** PKCS #12, password "changeit". */
  readonly keyStore: string;
}

/** activemq.xml of a broker with logins, permissions, a journal, and STOMP with and without TLS. */
export function activemqXml({ directory, port, tlsPort, users, keyStore }: ActivemqSettings): string {
  return `<beans xmlns="http://www.springframework.org/schema/beans"
  xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"
  xsi:schemaLocation="http://www.springframework.org/schema/beans http://www.springframework.org/schema/beans/spring-beans-2.0.xsd
    http://activemq.apache.org/schema/core http://activemq.apache.org/schema/core/activemq-core.xsd">
  <broker xmlns="http://activemq.apache.org/schema/core" brokerName="test" useJmx="false"
    dataDirectory="${xml(directory)}/data">
    <persistenceAdapter>
      <!-- "always": with "never" a receipt may come before the write, and a killed broker has forgotten what it confirmed. -->
      <kahaDB directory="${xml(directory)}/data/kahadb" journalDiskSyncStrategy="always"/>
    </persistenceAdapter>
    <plugins>
      <simpleAuthenticationPlugin><users>
        ${users.map(userXml).join("\n        ")}
      </users></simpleAuthenticationPlugin>
      <authorizationPlugin><map><authorizationMap><authorizationEntries>
        ${permissions(users).join("\n        ")}
        <authorizationEntry topic="ActiveMQ.Advisory.>" read="everybody" write="everybody" admin="everybody"/>
      </authorizationEntries></authorizationMap></map></authorizationPlugin>
    </plugins>
    <sslContext>
      <sslContext keyStore="file:${xml(keyStore)}" keyStorePassword="changeit" keyStoreType="PKCS12"/>
    </sslContext>
    <transportConnectors>
      <transportConnector name="stomp" uri="stomp://127.0.0.1:${port}"/>
      <transportConnector name="stomp+ssl" uri="stomp+ssl://127.0.0.1:${tlsPort}"/>
    </transportConnectors>
  </broker>
</beans>
`;
}

/** A user's only group is the user. */
function userXml({ login, passcode }: BrokerUser): string {
  return `<authenticationUser username="${xml(login)}" password="${xml(passcode)}" groups="${xml(login)},everybody"/>`;
}

/** Who may use a queue may also bring it into being, as ActiveMQ does on first use. */
function permissions(users: readonly BrokerUser[]): string[] {
  const patterns = new Set(users.flatMap(({ read, write }) => [...read, ...write]));
  return [...patterns].map((pattern) => {
    const who = (may: (user: BrokerUser) => boolean) =>
      xml(
        users
          .filter(may)
          .map(({ login }) => login)
          .join(","),
      );
    const read = who((user) => user.read.includes(pattern));
    const write = who((user) => user.write.includes(pattern));
    const admin = who((user) => user.read.includes(pattern) || user.write.includes(pattern));
    return `<authorizationEntry queue="${xml(pattern)}" read="${read}" write="${write}" admin="${admin}"/>`;
  });
}

function xml(text: string): string {
  return text.replace(/[&<>"]/g, (character) => `&#${character.charCodeAt(0)};`);
}

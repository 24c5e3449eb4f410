/** The version of this build of agent, collector and CLI. A test holds it equal to the manifest's. */
export const PLIMSOLL_VERSION = '0.1.0';

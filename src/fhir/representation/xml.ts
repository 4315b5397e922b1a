/** FHIR XML both ways: https://hl7.org/fhir/R4/xml.html */
export { xmlToJson } from './xml/read.ts';
export { jsonToXml } from './xml/write.ts';
export type { XmlOptions } from './xml/write.ts';

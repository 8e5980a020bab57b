export * from './catalogue/catalogue';
export { createCatalogue } from './catalogue/create-catalogue';
export * from './catalogue/decorators';

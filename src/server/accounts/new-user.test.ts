import { emailOf } from './new-user';

const domains = ['corp.example', 'bücher.example', '@dotted.example'];

describe('the e-mail address of a new user', () => {
  it.each([
    ['wei@corp.example', 'wei@corp.example'],
    ['Zhang.Wei+x@CORP.Example', 'Zhang.Wei+x@corp.example'],
    ['wei@ｃｏｒｐ.example', 'wei@corp.example'],
    ['wei@bücher.example', 'wei@xn--bcher-kva.example'],
    ['wei@xn--bcher-kva.example', 'wei@xn--bcher-kva.example'],
    ['wei@dotted.example', 'wei@dotted.example'],
  ])('%s is of a domain that the administrator named', (email, stored) => expect(emailOf(email, domains)).toBe(stored));

  it.each([
    ['of another domain', 'ceo@other.example'],
    ['of a domain below', 'ceo@mail.corp.example'],
    ['of a domain that ends so', 'ceo@evilcorp.example'],
    ['of a domain that begins so', 'ceo@corp.example.evil.example'],
    ['of another domain after the last @', 'ceo@corp.example@evil.example'],
    ['of two domains', 'ceo@evil.example@corp.example'],
    ['of a domain that looks so', 'ceo@соrр.example'],
    ['with a dot at the end', 'ceo@corp.example.'],
    ['with a name in quotes', '"ceo"@corp.example'],
    ['with an angle bracket', 'ceo<evil@corp.example'],
    ['with two lines', 'ceo@evil.example\nx@corp.example'],
    ['without a name', '@corp.example'],
    ['without a domain', 'ceo@'],
    ['that is none', 'corp.example'],
    ['that is empty', ''],
    ['that is missing', undefined],
  ])('T57: is none %s', (_, email) => expect(emailOf(email, domains)).toBeUndefined());

  it('T57: is none where the administrator named no domain, or an empty one', () => {
    expect(emailOf('ceo@corp.example', [])).toBeUndefined();
    expect(emailOf('ceo@..', ['', '..'])).toBeUndefined();
  });
});
